instance_type = "t3.large"
instance_name = "LargerAppServer"
