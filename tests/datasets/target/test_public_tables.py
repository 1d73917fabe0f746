"""Tables that people really bring, by the names and kinds of their columns: what is to be predicted must be offered first or early."""

from __future__ import annotations

import pytest

from dashapp.datasets.dataset import ColumnKind, ColumnProfile, Task, ValueCount
from dashapp.datasets.target.propose import propose_target

KINDS = {
    "n": ColumnKind.NUMBER,
    "i": ColumnKind.INTEGER,
    "b": ColumnKind.BOOLEAN,
    "c": ColumnKind.CATEGORY,
    "t": ColumnKind.TEXT,
    "u": ColumnKind.IDENTIFIER,
    "d": ColumnKind.DATETIME,
    "k": ColumnKind.CONSTANT,
}
BINARY, MULTICLASS, REGRESSION = Task.BINARY, Task.MULTICLASS, Task.REGRESSION


def table(columns: str) -> list[ColumnProfile]:
    """Columns divided by commas: name, kind, number of values, of whole numbers also the lowest,
    and then the number of missing values, all of them divided by a bar."""
    return [_column(*part.strip().rsplit("|")) for part in columns.split(",")]


def _column(name: str, kind: str, unique: str, low: str = "0", missing: str = "0") -> ColumnProfile:
    number, first = int(unique), int(low)
    is_listed = number <= 20 or kind in "bc"
    each = 5 if int(missing) else 1_000
    top = tuple(ValueCount(str(first + place), each) for place in range(min(number, 20))) if is_listed else ()
    high = float(first + number - 1) if kind == "i" else float(number)
    limits = (float(first), high) if kind in "in" else (None, None)
    return ColumnProfile(name, KINDS[kind], missing=int(missing), unique=number, top=top, minimum=limits[0], maximum=limits[1])


FEATURES = ",".join(f"feature_{number}|n|800" for number in range(12))
CASES = [
    (
        "age|i|73|17,workclass|c|8,fnlwgt|i|21648,education|c|16,education-num|i|16|1,marital-status|c|7,occupation|c|14,"
        "relationship|c|6,race|c|5,sex|c|2,capital-gain|i|119,capital-loss|i|92,hours-per-week|i|94,native-country|c|41,income|c|2",
        "income",
        BINARY,
        1,
    ),
    (
        "Id|u|1460,MSSubClass|i|15|20,MSZoning|c|5,LotFrontage|i|110,LotArea|i|1073,Street|c|2,OverallQual|i|10|1,OverallCond|i|9|1,"
        "YearBuilt|i|112|1872,Heating|c|6,CentralAir|b|2,GrLivArea|i|861,GarageCars|i|5,PoolArea|i|8,MoSold|i|12|1,YrSold|i|5|2006,"
        "SaleType|c|9,SaleCondition|c|6,SalePrice|i|663",
        "SalePrice",
        REGRESSION,
        1,
    ),
    (
        "ID|u|30000,LIMIT_BAL|i|81,SEX|i|2|1,EDUCATION|i|7,MARRIAGE|i|4,AGE|i|56|21,PAY_0|i|11,PAY_2|i|11,BILL_AMT1|i|22723,"
        "PAY_AMT1|i|7943,default.payment.next.month|b|2",
        "default.payment.next.month",
        BINARY,
        1,
    ),
    (
        "age|i|77|18,job|c|12,marital|c|3,education|c|4,default|b|2,balance|i|7168,housing|b|2,loan|b|2,contact|c|3,day|i|31|1,month|c|12,"
        "duration|i|1573,campaign|i|48,pdays|i|559,previous|i|41,poutcome|c|4,y|b|2",
        "y",
        BINARY,
        1,
    ),
    (
        "age|i|76|18,job|c|12,marital|c|3,education|c|4,default|b|2,balance|i|3805,housing|b|2,loan|b|2,contact|c|3,day|i|31|1,month|c|12,"
        "duration|i|1428,campaign|i|36,pdays|i|472,previous|i|34,poutcome|c|4,deposit|b|2",
        "deposit",
        BINARY,
        1,
    ),
    (
        "Age|i|50|28,Sex|c|2,ChestPainType|c|4,RestingBP|i|67,Cholesterol|i|222,FastingBS|b|2,RestingECG|c|3,MaxHR|i|119,"
        "ExerciseAngina|b|2,Oldpeak|n|53,ST_Slope|c|3,HeartDisease|b|2",
        "HeartDisease",
        BINARY,
        1,
    ),
    (
        "age|i|41|29,sex|b|2,cp|i|4|1,trestbps|i|50,chol|i|152,fbs|b|2,restecg|i|3,thalach|i|91,exang|b|2,oldpeak|n|40,slope|i|3|1,ca|i|4,"
        "thal|i|3|3,num|i|5",
        "num",
        MULTICLASS,
        1,
    ),
    (
        "id|u|569,diagnosis|c|2,radius_mean|n|456,texture_mean|n|479,perimeter_mean|n|522,area_mean|n|539,smoothness_mean|n|474,"
        "symmetry_worst|n|500,fractal_dimension_worst|n|535",
        "diagnosis",
        BINARY,
        1,
    ),
    (
        "Sex|c|3,Length|n|134,Diameter|n|111,Height|n|51,Whole weight|n|2429,Shucked weight|n|1515,Viscera weight|n|880,Shell weight|n|926,"
        "Rings|i|28|1",
        "Rings",
        REGRESSION,
        1,
    ),
    ("Class|i|3|1,Alcohol|n|126,Malic acid|n|133,Ash|n|79,Hue|n|78,OD280|n|122,Proline|i|121", "Class", MULTICLASS, 1),
    (
        "instant|u|17379,dteday|d|731,season|i|4|1,yr|b|2,mnth|i|12|1,hr|i|24,holiday|b|2,weekday|i|7,workingday|b|2,weathersit|i|4|1,"
        "temp|n|50,atemp|n|65,hum|n|89,windspeed|n|30,casual|i|322,registered|i|776,cnt|i|869",
        "cnt",
        REGRESSION,
        1,
    ),
    (
        "id|u|48895,name|t|47905,host_id|i|37457,host_name|c|11452,neighbourhood_group|c|5,neighbourhood|c|221,latitude|n|19048,"
        "longitude|n|14718,room_type|c|3,price|i|674,minimum_nights|i|109,number_of_reviews|i|394,last_review|d|1764,"
        "reviews_per_month|n|937,calculated_host_listings_count|i|47,availability_365|i|366",
        "price",
        REGRESSION,
        1,
    ),
    (
        "crim|n|504,zn|n|26,indus|n|76,chas|b|2,nox|n|81,rm|n|446,age|n|356,dis|n|412,rad|i|9,tax|i|66,ptratio|n|46,b|n|357,"
        "lstat|n|455,medv|n|229",
        "medv",
        REGRESSION,
        1,
    ),
    (
        "Cement|n|278,Slag|n|185,Ash|n|146,Water|n|195,Superplasticizer|n|111,Age (day)|i|14|1,Concrete compressive strength(MPa)|n|845",
        "Concrete compressive strength(MPa)",
        REGRESSION,
        1,
    ),
    (
        "name|c|1491,year|i|27|1992,selling_price|i|445,km_driven|i|770,fuel|c|5,seller_type|c|3,transmission|c|2,owner|c|5",
        "selling_price",
        REGRESSION,
        1,
    ),
    ("v1|c|2,v2|t|5169,column_3|c|43|0|5522,column_4|c|10|0|5560", "v1", BINARY, 1),
    ("label|c|2,text|t|5000", "label", BINARY, 1),
    ("text|t|5000,sentiment|c|3", "sentiment", MULTICLASS, 1),
    (
        "satisfaction_level|n|92,last_evaluation|n|65,number_project|i|6|2,average_montly_hours|i|215,time_spend_company|i|8|2,"
        "Work_accident|b|2,left|b|2,promotion_last_5years|b|2,sales|c|10,salary|c|3",
        "left",
        BINARY,
        1,
    ),
    (
        "Age|i|43|18,Attrition|b|2,BusinessTravel|c|3,DailyRate|i|886,Department|c|3,DistanceFromHome|i|29|1,Education|i|5|1,"
        "EmployeeCount|k|1,EmployeeNumber|u|1470,Gender|c|2,JobLevel|i|5|1,JobSatisfaction|i|4|1,MonthlyIncome|i|1349,Over18|k|1,"
        "TotalWorkingYears|i|40,YearsWithCurrManager|i|18",
        "Attrition",
        BINARY,
        1,
    ),
    ("Time|n|124592,V1|n|275663,V2|n|275663,V28|n|275663,Amount|n|32767,Class|b|2", "Class", BINARY, 1),
    (
        "step|i|743|1,type|c|5,amount|n|531656,nameOrig|u|6353307,oldbalanceOrg|n|184551,newbalanceOrig|n|268269,nameDest|c|272236,"
        "oldbalanceDest|n|36146,newbalanceDest|n|35553,isFraud|b|2,isFlaggedFraud|b|2",
        "isFraud",
        BINARY,
        3,
    ),
    (
        "Loan_ID|u|614,Gender|c|2,Married|b|2,Dependents|c|4,Education|c|2,Self_Employed|b|2,ApplicantIncome|i|505,"
        "CoapplicantIncome|n|287,LoanAmount|n|203,Loan_Amount_Term|n|10,Credit_History|b|2,Property_Area|c|3,Loan_Status|b|2",
        "Loan_Status",
        BINARY,
        1,
    ),
    (
        "id|u|103904,Gender|c|2,Customer Type|c|2,Age|i|75|7,Type of Travel|c|2,Class|c|3,Flight Distance|i|3802,Inflight wifi service|i|6,"
        "Food and drink|i|6,Cleanliness|i|6,Departure Delay in Minutes|i|446,Arrival Delay in Minutes|n|455,satisfaction|c|2",
        "satisfaction",
        BINARY,
        1,
    ),
    (
        "Relative_Compactness|n|12,Surface_Area|n|12,Wall_Area|n|7,Roof_Area|n|4,Overall_Height|n|2,Orientation|i|4|2,Glazing_Area|n|4,"
        "Glazing_Area_Distribution|i|6,Heating_Load|n|586,Cooling_Load|n|636",
        "Heating_Load",
        REGRESSION,
        3,
    ),
    (
        "Elevation|i|1978,Aspect|i|361,Slope|i|67,Wilderness_Area1|b|2,Soil_Type1|b|2,Soil_Type40|b|2,Cover_Type|i|7|1",
        "Cover_Type",
        MULTICLASS,
        1,
    ),
    ("label|i|10|0," + ",".join(f"pixel{number}|i|256" for number in range(40)), "label", MULTICLASS, 1),
    ("lettr|c|26,x-box|i|16,y-box|i|16,width|i|16,high|i|16,onpix|i|16", "lettr", MULTICLASS, 3),
    (
        "battery_power|i|1094,blue|b|2,clock_speed|n|26,dual_sim|b|2,int_memory|i|63,n_cores|i|8|1,ram|i|1562,touch_screen|b|2,wifi|b|2,"
        "price_range|i|4",
        "price_range",
        MULTICLASS,
        1,
    ),
    (
        "id|u|5110,gender|c|3,age|n|104,hypertension|b|2,heart_disease|b|2,ever_married|b|2,work_type|c|5,Residence_type|c|2,"
        "avg_glucose_level|n|3979,bmi|n|418,smoking_status|c|4,stroke|b|2",
        "stroke",
        BINARY,
        1,
    ),
    ("ph|n|2785,Hardness|n|3276,Solids|n|3276,Sulfate|n|2495,Turbidity|n|3276,Potability|b|2", "Potability", BINARY, 1),
    ("fixed acidity|n|96,volatile acidity|n|143,pH|n|89,alcohol|n|65,quality|i|6|3", "quality", MULTICLASS, 1),
    (
        "RowNumber|u|10000,CustomerId|u|10000,Surname|c|2932,CreditScore|i|460,Geography|c|3,Gender|c|2,Age|i|70|18,Tenure|i|11,"
        "Balance|n|6382,NumOfProducts|i|4|1,HasCrCard|b|2,IsActiveMember|b|2,EstimatedSalary|n|9999,Exited|b|2",
        "Exited",
        BINARY,
        1,
    ),
    ("target|b|2," + FEATURES, "target", BINARY, 1),
    (FEATURES + ",outcome_code|i|3", "outcome_code", MULTICLASS, 1),
    ("date|d|900,Open|n|880,High|n|880,Low|n|880,Volume|i|890,Close|n|881", "Close", REGRESSION, 1),
    (
        "Store|i|45|1,Date|d|143,Weekly_Sales|n|6435,Holiday_Flag|b|2,Temperature|n|3528,Fuel_Price|n|892,CPI|n|2145,Unemployment|n|349",
        "Weekly_Sales",
        REGRESSION,
        3,
    ),
    (
        "date|d|372,price|n|1723,bedrooms|n|10,bathrooms|n|26,sqft_living|i|566,floors|n|6,waterfront|b|2,view|i|5,condition|i|5|1,"
        "yr_built|i|115|1900,street|c|4525,city|c|44,statezip|c|77,country|k|1",
        "price",
        REGRESSION,
        1,
    ),
    (
        "gender|c|2,race/ethnicity|c|5,parental level of education|c|6,lunch|c|2,math score|i|81,reading score|i|72,writing score|i|77",
        "writing score",
        REGRESSION,
        3,
    ),
    ("review|t|900,stars|i|5|1", "stars", MULTICLASS, 1),
    ("make|c|22,fuel|c|2,horsepower|i|59,city-mpg|i|29,highway-mpg|i|30,price|i|186", "price", REGRESSION, 1),
]


@pytest.mark.parametrize(("columns", "target", "task", "place"), CASES, ids=[f"{case[1]}-{index}" for index, case in enumerate(CASES)])
def test_what_is_to_be_predicted_is_offered_early_with_the_right_task(columns: str, target: str, task: Task, place: int) -> None:
    proposal = propose_target(table(columns))
    names = list(dict.fromkeys([proposal.name, *(option.name for option in proposal.alternatives)]))
    assert target in names[:place], names
    tasks = {option.name: option.task for option in reversed(proposal.alternatives)} | {proposal.name: proposal.task}
    assert tasks[target] is task


def test_most_of_them_come_first() -> None:
    first = sum(propose_target(table(columns)).name == target for columns, target, _, _ in CASES)
    assert first >= 0.9 * len(CASES)
